-- PostGIS as the peer of the overlay race: boundaries prepared once, facts in one statement.
CREATE TABLE plot (id int PRIMARY KEY, wkb bytea);
CREATE TABLE feature (kind text, n int, code text, wkb bytea);

-- PREPARE
CREATE TABLE plots AS SELECT id, ST_GeomFromWKB(wkb, 4490) AS geom FROM plot;
ALTER TABLE plots ADD PRIMARY KEY (id);
CREATE TABLE piece AS
  SELECT kind, code, ST_Subdivide(ST_MakeValid(ST_Transform(ST_GeomFromWKB(wkb, 4490), 4545)), 128) AS geom
  FROM feature WHERE kind <> 'river';
CREATE TABLE mgmt AS SELECT code, geom FROM piece WHERE kind = 'mgmt_area';
CREATE TABLE county AS SELECT code, geom FROM piece WHERE kind = 'county';
CREATE TABLE town AS SELECT code, geom FROM piece WHERE kind = 'town';
CREATE TABLE edge AS
  SELECT ST_Subdivide(ST_Transform(ST_Boundary(ST_Union(ST_GeomFromWKB(wkb, 4490), 1e-9)), 4545), 8) AS geom
  FROM feature WHERE kind = 'mgmt_area';
CREATE TABLE river AS
  SELECT code, segment.path[1] AS nth, segment.geom AS geom,
         ST_Length(segment.geom) / (1 + ((ST_X(ST_Centroid(segment.geom)) - 500000) ^ 2) / (2 * 6368700.0 ^ 2)) AS length_m
  FROM feature, ST_DumpSegments(ST_Transform(ST_GeomFromWKB(wkb, 4490), 4545)) AS segment
  WHERE kind = 'river';
ALTER TABLE river ADD COLUMN start_m float8;
UPDATE river SET start_m = s.start_m FROM (
  SELECT code, nth, sum(length_m) OVER (PARTITION BY code ORDER BY nth) - length_m AS start_m FROM river
) s WHERE s.code = river.code AND s.nth = river.nth;
CREATE INDEX ON mgmt USING gist (geom);
CREATE INDEX ON county USING gist (geom);
CREATE INDEX ON town USING gist (geom);
CREATE INDEX ON edge USING gist (geom);
CREATE INDEX ON river USING gist (geom);

-- FACTS
WITH p AS MATERIALIZED (
  SELECT id, g, ST_Area(g) AS flat,
         1 + ((ST_X(ST_Centroid(g)) - 500000) ^ 2) / (2 * 6368700.0 ^ 2) AS k,
         ST_Area(geom::geography) AS area_m2, ST_Perimeter(geom::geography) AS perimeter_m,
         ST_PointOnSurface(geom) AS surface, ST_Envelope(geom) AS bbox
  FROM (SELECT id, geom, ST_Transform(geom, 4545) AS g FROM plots OFFSET 0) projected
), part AS MATERIALIZED (
  SELECT p.id, mgmt.code, CASE WHEN ST_ContainsProperly(mgmt.geom, p.g) THEN p.g
                               ELSE ST_Intersection(p.g, mgmt.geom) END AS common
  FROM p JOIN mgmt ON ST_Intersects(mgmt.geom, p.g)
), owner AS (
  SELECT id, code, sum(ST_Area(common)) AS flat FROM part GROUP BY id, code
), inside AS (
  SELECT id, sum(flat) AS flat, (array_agg(code ORDER BY flat DESC, code))[1] AS main
  FROM owner GROUP BY id
), line AS MATERIALIZED (
  SELECT p.id, nearest.d, p.k,
         CASE WHEN nearest.d < 10 * p.k THEN (
           SELECT ST_Buffer(ST_Collect(edge.geom), 10 * p.k, 'quad_segs=16') FROM edge
           WHERE ST_DWithin(edge.geom, p.g, 10.1)) END AS strip
  FROM p CROSS JOIN LATERAL (
    SELECT edge.geom <-> p.g AS d FROM edge ORDER BY edge.geom <-> p.g LIMIT 1) nearest
), vertex AS (
  SELECT p.id, (SELECT edge.geom <-> v.geom FROM edge ORDER BY edge.geom <-> v.geom LIMIT 1) AS d,
         CASE WHEN line.d > 0 THEN inside.id IS NOT NULL
              ELSE EXISTS (SELECT 1 FROM mgmt WHERE ST_Intersects(mgmt.geom, v.geom)) END AS within
  FROM p JOIN line USING (id) LEFT JOIN inside USING (id), ST_DumpPoints(p.g) AS v
), reach AS (
  SELECT id, max(d) FILTER (WHERE NOT within) AS out_flat, max(d) FILTER (WHERE within) AS in_flat
  FROM vertex GROUP BY id
), band AS (
  SELECT line.id, ST_Area(ST_Intersection(p.g, strip)) AS strip_flat,
         coalesce((SELECT sum(ST_Area(ST_Intersection(common, strip))) FROM part WHERE part.id = line.id), 0) AS inner_flat
  FROM line JOIN p USING (id) WHERE strip IS NOT NULL
), at_river AS (
  SELECT p.id, r.code, r.d, r.start_m + ST_LineLocatePoint(r.geom, ST_ClosestPoint(r.geom, p.g)) * r.length_m AS chainage_m,
         CASE WHEN r.d = 0 THEN 'both' WHEN
           (ST_X(ST_EndPoint(r.geom)) - ST_X(ST_StartPoint(r.geom))) * (ST_Y(ST_ClosestPoint(p.g, r.geom)) - ST_Y(ST_ClosestPoint(r.geom, p.g)))
         - (ST_Y(ST_EndPoint(r.geom)) - ST_Y(ST_StartPoint(r.geom))) * (ST_X(ST_ClosestPoint(p.g, r.geom)) - ST_X(ST_ClosestPoint(r.geom, p.g))) > 0
         THEN 'L' ELSE 'R' END AS bank
  FROM p CROSS JOIN LATERAL (
    -- The nearest few by index alone; a tie-breaker beside the distance would cost it the index.
    SELECT * FROM (
      SELECT code, nth, geom, start_m, length_m, river.geom <-> p.g AS d FROM river ORDER BY river.geom <-> p.g LIMIT 8
    ) near ORDER BY d, code, nth LIMIT 1) r
), in_county AS (
  SELECT id, (array_agg(code ORDER BY flat DESC, code))[1] AS code, array_agg(flat) AS shares FROM (
    SELECT p.id, county.code, sum(CASE WHEN ST_ContainsProperly(county.geom, p.g) THEN p.flat
                                       ELSE ST_Area(ST_Intersection(p.g, county.geom)) END) AS flat
    FROM p JOIN county ON ST_Intersects(county.geom, p.g) GROUP BY p.id, county.code) s
  GROUP BY id
), in_town AS (
  SELECT id, (array_agg(code ORDER BY flat DESC, code))[1] AS code, array_agg(flat) AS shares FROM (
    SELECT p.id, town.code, sum(CASE WHEN ST_ContainsProperly(town.geom, p.g) THEN p.flat
                                     ELSE ST_Area(ST_Intersection(p.g, town.geom)) END) AS flat
    FROM p JOIN town ON ST_Intersects(town.geom, p.g) GROUP BY p.id, town.code) s
  GROUP BY id
)
SELECT p.area_m2,
       least(coalesce(inside.flat, 0) / p.flat, 1) * p.area_m2 AS in_m2,
       greatest(coalesce(inside.flat, 0) - coalesce(band.inner_flat, 0), 0) / p.flat * p.area_m2 AS in_m2_min,
       least((coalesce(inside.flat, 0) + coalesce(band.strip_flat - band.inner_flat, 0)) / p.flat, 1) * p.area_m2 AS in_m2_max,
       inside.main,
       CASE WHEN line.d / p.k > 2000 AND inside.id IS NULL THEN NULL
            WHEN inside.id IS NULL THEN line.d ELSE -line.d END / p.k AS edge_m,
       CASE WHEN line.d / p.k > 2000 AND inside.id IS NULL THEN NULL ELSE coalesce(reach.out_flat, 0) / p.k END AS max_out_m,
       CASE WHEN line.d / p.k > 2000 AND inside.id IS NULL THEN NULL ELSE coalesce(reach.in_flat, 0) / p.k END AS max_in_m,
       at_river.code AS river, at_river.d / p.k AS river_m,
       CASE WHEN at_river.d > 0 THEN at_river.chainage_m END AS chainage_m,
       at_river.bank, in_county.code AS county, in_town.code AS town
FROM p JOIN line USING (id) JOIN reach USING (id) JOIN at_river USING (id)
LEFT JOIN inside USING (id) LEFT JOIN band USING (id)
LEFT JOIN in_county USING (id) LEFT JOIN in_town USING (id)
ORDER BY p.id
