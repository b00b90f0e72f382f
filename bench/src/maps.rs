//! The floors: what a cache costs that does nothing but find.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use crate::post::Post;
use crate::rounds::{each, each_ready};

/// The key that a cache by hand would have: the path.
pub fn key(id: u64) -> String {
    format!("/posts/{id}")
}

/// A map under a lock, as the standard library has it.
#[derive(Default)]
pub struct Plain(RwLock<HashMap<String, Arc<Post>>>);

impl Plain {
    pub fn filled(entries: u64) -> Plain {
        let map = (0..entries).map(|id| (key(id), Arc::new(Post::new(id, 0)))).collect();
        Plain(RwLock::new(map))
    }

    fn get(&self, key: &str) -> Option<Arc<Post>> {
        self.0.read().unwrap_or_else(|poisoned| poisoned.into_inner()).get(key).cloned()
    }

    /// Finds, by keys made ahead.
    pub fn get_ready(&self, ids: &[u64]) -> f64 {
        each_ready(ids, key, |key| self.get(key))
    }

    /// Finds, by keys made for it.
    pub fn get_built(&self, ids: &[u64]) -> f64 {
        each(ids, |id| self.get(&key(*id)))
    }
}

/// A bounded concurrent cache.
pub struct Quick(quick_cache::sync::Cache<String, Arc<Post>>);

impl Quick {
    pub fn filled(entries: u64) -> Quick {
        // Room for more than is put in, so that nothing is thrown out.
        let cache = quick_cache::sync::Cache::new(usize::try_from(entries * 2).unwrap_or(usize::MAX));
        (0..entries).for_each(|id| cache.insert(key(id), Arc::new(Post::new(id, 0))));
        Quick(cache)
    }

    /// Finds, by keys made ahead.
    pub fn get_ready(&self, ids: &[u64]) -> f64 {
        each_ready(ids, key, |key| self.0.get(key))
    }

    /// Finds, by keys made for it.
    pub fn get_built(&self, ids: &[u64]) -> f64 {
        each(ids, |id| self.0.get(&key(*id)))
    }
}
