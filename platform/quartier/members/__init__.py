"""Companies, associations, initiatives: who they are, who stands for them, and on what terms they are members."""
