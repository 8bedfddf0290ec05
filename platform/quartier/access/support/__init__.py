"""Support by the operators of the platform: asked for, approved by the site, read only, in the open."""
