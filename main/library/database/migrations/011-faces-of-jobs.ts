/**
 * A photo's faces in reading order when its job was asked for, as JSON, where the settings are of single faces by index:
 * a face that is added or removed meanwhile moves the others to another index. No reference, as in other JSON.
 */
export const facesOfJobs = `
ALTER TABLE jobs ADD COLUMN face_ids TEXT;
`;
