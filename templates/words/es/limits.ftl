# Las palabras de límites y pruebas.
