"""The five tabs; none of them knows another."""
