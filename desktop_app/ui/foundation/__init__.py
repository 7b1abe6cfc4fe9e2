"""What every part of the window leans on: work in the background, messages, looks, what is kept between starts."""
