"""Serves a model on loopback, prints the address when it is ready, and goes on until it is ended."""

import signal
import sys

import xllamacpp

params = xllamacpp.CommonParams()
params.model.path = sys.argv[1]
params.model_alias = {"smollm2-135m-instruct"} if isinstance(params.model_alias, set) else "smollm2-135m-instruct"
params.port = 0
params.n_ctx = 2048
params.n_parallel = 1
params.ui = False
server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
signal.pause()
