"""Functions as web servers: their URLs, and local routes in the shape of API Gateway and load balancers."""
