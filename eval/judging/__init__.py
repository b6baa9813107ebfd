"""What a language model thinks of answers: labelled as such, in a file of its own, in no measure."""
