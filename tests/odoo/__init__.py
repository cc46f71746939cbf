"""What the product relies on in Odoo, shown on the real one and on the stand-in alike."""
