"""A trial of the program on an emulated AWS: resources are made by boto3 in Pulumi's place.

Shows that AWS's API, as far as the emulator knows it, takes what the program asks for, and that
what one resource answers reaches the next. No diff, no delete, no state: the emulator starts empty.
"""
