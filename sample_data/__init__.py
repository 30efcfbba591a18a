"""Synthetic sample data (合成示例数据): everything drawn here follows from one integer seed."""
