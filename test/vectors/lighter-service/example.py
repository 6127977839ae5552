import requests

BASE_URL = "http://localhost:8000"

# 1. Create API key
response = requests.post(f"{BASE_URL}/create_api_key", json={
    "seed": ""
})
api_key = response.json()
print(f"API Key: {api_key['public_key']}")

# 2. Create client
response = requests.post(f"{BASE_URL}/create_client", json={
    "url": "https://api-testnet.lighter.xyz",
    "private_key": api_key["private_key"],
    "api_key_index": 0,
    "account_index": 0
})
print(f"Client created: {response.json()}")

# 3. Create an order
response = requests.post(f"{BASE_URL}/sign_create_order", json={
    "api_key_index": 0,
    "account_index": 0,
    "market_index": 0,
    "client_order_index": 1,
    "base_amount": 1000000,
    "price": 50000,
    "is_ask": 0,
    "order_type": 0,
    "time_in_force": 0,
    "reduce_only": 0,
    "trigger_price": 0,
    "order_expiry": -1,
    "nonce": -1
})
tx_info = response.json()
print(f"Order signed: {tx_info}")
