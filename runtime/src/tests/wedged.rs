//! Nothing that user code, a transport or a runtime does wedges the cache.
