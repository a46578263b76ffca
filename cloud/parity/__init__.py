"""Local beside the cloud, and the reasons for each difference."""
