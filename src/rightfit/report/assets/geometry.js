// Geometry: drawn from data.views.geometry.
