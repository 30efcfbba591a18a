INSERT INTO identity (one, store_id) VALUES (1, lower(hex(randomblob(16))));
