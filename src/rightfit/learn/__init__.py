"""The course: lessons whose every number is computed by rightfit, stored as data and laid out as pages."""
