# Las palabras de la entrada con otros.
