package woocommerce

// oldest is the first WooCommerce that can be asked for what changed (modified_after).
const oldest = "5.8"
