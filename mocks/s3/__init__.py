"""S3 on this machine: ministack, made to stop rather than lose an object."""
