"""From files and words to checked settings, and from those to the model's objects.

`load` composes with Hydra and validates; `study` says what a study is; `catalogue` what each number is; `assembly`
builds the world and the scenarios of the model.
"""
