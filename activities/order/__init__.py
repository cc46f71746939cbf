"""The steps `order` and `line`: the sale order with its lines."""

from activities.order.steps import OrderActivities

__all__ = ["OrderActivities"]
