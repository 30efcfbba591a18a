INSERT INTO identity (one, store_id) VALUES (1, replace(CAST(gen_random_uuid() AS text), '-', ''));
