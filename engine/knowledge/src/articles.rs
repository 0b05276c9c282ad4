//! The articles of all locales, ready to be searched: what a running bot knows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use understand::{EncodeError, Encoder};

use crate::library::Library;
use crate::search::Index;

/// Each locale's articles. Immutable; share it behind an `Arc`.
#[derive(Default)]
pub struct Articles {
    indexes: BTreeMap<String, Index>,
    hash: String,
}

impl Articles {
    /// Those of a library. `encoder` says with what a locale's texts are read beside their words.
    ///
    /// # Errors
    /// When an encoder fails.
    pub fn new(
        library: &mut Library,
        encoder: impl Fn(&str) -> Option<Arc<dyn Encoder>>,
    ) -> Result<Self, EncodeError> {
        let locales: BTreeSet<String> = library
            .articles()
            .map(|article| article.locale.clone())
            .collect();
        let mut hash = Sha256::new();
        for article in library.articles() {
            hash.update(article.locale.as_bytes());
            hash.update(article.name.as_bytes());
            hash.update(article.hash.as_bytes());
        }
        let indexes = locales
            .into_iter()
            .map(|locale| {
                let encoder = encoder(&locale);
                if let Some(encoder) = &encoder {
                    hash.update(encoder.fingerprint().as_bytes());
                }
                Ok((locale.clone(), library.index(&locale, encoder)?))
            })
            .collect::<Result<_, EncodeError>>()?;
        let hash = hash.finalize();
        Ok(Self {
            indexes,
            hash: hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        })
    }

    /// What is searched for a customer in this locale: its own articles, else those of its language without a region.
    pub fn index(&self, locale: &str) -> Option<&Index> {
        let language = locale.split(['-', '_']).next().unwrap_or_default();
        let own = self.indexes.get(locale);
        own.or_else(|| self.indexes.get(language))
    }

    /// What the articles, and what reads them, hash to.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Whether reading a question takes more than a millisecond: an encoder reads it.
    pub fn is_slow(&self, locale: &str) -> bool {
        self.index(locale)
            .is_some_and(|index| index.encoder().is_some())
    }
}
