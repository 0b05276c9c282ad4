//! The articles of a bot: read again only when their content changes, and searched.

use std::collections::BTreeMap;
use std::sync::Arc;

use understand::{EncodeError, Encoder};

use crate::article::{Article, ArticleError, hash};
use crate::search::{Index, Vectors};

/// The articles that were read, by their files' paths.
#[derive(Clone, Debug, Default)]
pub struct Library {
    articles: BTreeMap<String, Arc<Article>>,
    vectors: Vectors,
}

/// What an update came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Update {
    /// Files that were read, being new or changed.
    pub read: usize,
    /// Files that are as they were.
    pub kept: usize,
    /// Files that are gone.
    pub removed: usize,
    /// Files that are no articles. An earlier version of such a file stays.
    pub errors: Vec<ArticleError>,
}

impl Library {
    /// Reads what changed among a bot's files; paths outside `knowledge/` are passed over.
    pub fn update(&mut self, files: &BTreeMap<String, Vec<u8>>) -> Update {
        let mut update = Update::default();
        let before = self.articles.len();
        self.articles.retain(|path, _| files.contains_key(path));
        update.removed = before - self.articles.len();
        for (path, bytes) in files
            .iter()
            .filter(|(path, _)| path.starts_with("knowledge/"))
        {
            if self
                .articles
                .get(path)
                .is_some_and(|article| article.hash == hash(bytes))
            {
                update.kept += 1;
                continue;
            }
            match Article::read(path, bytes) {
                Ok(article) => {
                    self.articles.insert(path.clone(), Arc::new(article));
                    update.read += 1;
                }
                Err(error) => update.errors.push(error),
            }
        }
        update
    }

    /// The articles, by path.
    pub fn articles(&self) -> impl Iterator<Item = &Arc<Article>> {
        self.articles.values()
    }

    /// What the articles of a locale are searched with; none of it if the locale has none. With an encoder, passages that it has
    /// not read before are encoded.
    ///
    /// # Errors
    /// When the encoder fails.
    pub fn index(
        &mut self,
        locale: &str,
        encoder: Option<Arc<dyn Encoder>>,
    ) -> Result<Index, EncodeError> {
        let articles: Vec<Arc<Article>> = self
            .articles
            .values()
            .filter(|one| one.locale == locale)
            .cloned()
            .collect();
        Index::new(locale, articles, encoder, &mut self.vectors)
    }

    /// How many texts have vectors.
    pub fn vectors_count(&self) -> usize {
        self.vectors.count()
    }

    /// Takes vectors of an earlier run, as [`Library::vectors`] gave them; what can't be read is forgotten.
    pub fn remember(&mut self, bytes: &[u8]) {
        self.vectors.extend(Vectors::from_bytes(bytes));
    }

    /// What is worth keeping for the next run: the passages' vectors.
    pub fn vectors(&self) -> Vec<u8> {
        self.vectors.to_bytes()
    }
}
