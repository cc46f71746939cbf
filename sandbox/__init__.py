"""What a local run and the tests need around the product; nothing here is deployed."""
