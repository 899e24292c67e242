"""Lodestone: may this shipment of restricted metals or magnets go?"""

__version__ = "0.1.0"
