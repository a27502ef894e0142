// Search works from disk: its index is a script. Only the excerpts below each result are fetched as pages, which a
// browser refuses for files, so there they are left out.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
