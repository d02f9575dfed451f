"""An article and its labels come in; a summary goes out, each sentence with the paragraphs that it rests on."""
