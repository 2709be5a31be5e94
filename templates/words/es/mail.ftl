# Las palabras de los mensajes.
