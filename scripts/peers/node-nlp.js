// Trains node-nlp on the split `train` of a file of JSON lines (text, intent, split), reads its split `test`, and prints the
// same report as `switchboard eval --json`, as far as it can be known. Usage: node node-nlp.js FILE OUT_OF_SCOPE_LABEL
const fs = require("fs");
const { NlpManager } = require("node-nlp");

async function main([file, label]) {
  const rows = fs.readFileSync(file, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line));
  const own = (row) => row.intent !== label;
  const manager = new NlpManager({ languages: ["en"], forceNER: false, autoSave: false, nlu: { log: false } });
  for (const row of rows.filter((row) => row.split === "train" && own(row))) manager.addDocument("en", row.text, row.intent);
  const begin = process.hrtime.bigint();
  await manager.train();
  const training = seconds(begin);
  const read = [];
  for (const row of rows.filter((row) => row.split === "test")) {
    const start = process.hrtime.bigint();
    const { intent, score } = await manager.process("en", row.text);
    read.push({ row, intent, score: intent === "None" ? 0 : score, us: seconds(start) * 1e6 });
  }
  console.log(JSON.stringify(report(read, own, training)));
}

function seconds(since) {
  return Number(process.hrtime.bigint() - since) / 1e9;
}

function report(read, own, training_s) {
  const mine = read.filter(({ row }) => own(row));
  const foreign = read.filter(({ row }) => !own(row));
  const right = (one) => one.intent === one.row.intent;
  const times = read.map(({ us }) => us).sort((a, b) => a - b);
  return {
    encoder: "node-nlp",
    training_s,
    accuracy: mine.filter(right).length / mine.length,
    calibration: { ece: calibrationError(mine, right) },
    out_of_scope: foreign.length ? outOfScope(mine, foreign) : undefined,
    latency: { median_us: times[times.length >> 1], p99_us: times[Math.floor(times.length * 0.99)] },
  };
}

// The distance of score and accuracy in fifteen bins of equal width, weighted by their messages.
function calibrationError(mine, right) {
  const bins = Array.from({ length: 15 }, () => []);
  for (const one of mine) bins[Math.min(14, Math.floor(one.score * 15))].push(one);
  const mean = (bin, of) => bin.reduce((sum, one) => sum + of(one), 0) / bin.length;
  const filled = bins.filter((bin) => bin.length);
  const gap = (bin) => Math.abs(mean(bin, (one) => one.score) - mean(bin, (one) => (right(one) ? 1 : 0)));
  return filled.reduce((sum, bin) => sum + (gap(bin) * bin.length) / mine.length, 0);
}

function outOfScope(mine, foreign) {
  const scores = mine.map(({ score }) => score).sort((a, b) => a - b);
  const threshold = scores[Math.floor(scores.length * 0.05)];
  const let_in = foreign.filter(({ score }) => score >= threshold).length / foreign.length;
  let won = 0;
  for (const { score } of foreign) for (const other of scores) won += other > score ? 1 : other === score ? 0.5 : 0;
  return { auroc: won / (scores.length * foreign.length), fpr95: let_in, recall95: 1 - let_in };
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
