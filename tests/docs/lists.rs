//! The lists that the pages give are complete: settings, metrics, routes, keys of the language.
