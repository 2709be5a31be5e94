# Las palabras de registro y recuperación.
