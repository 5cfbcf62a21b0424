// Filled by what is built upon the core.
export {}
