//! What host and viewer make together: any picture, any order of arrival.
