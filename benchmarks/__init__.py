"""Measurements that take their data as arguments and print their figures."""
