//! S3 in path style: objects with versions, ranges and conditions, uploads in parts, listings.

mod listing;
mod multipart;
mod object;
mod store;

use std::sync::Mutex;

use hyper::Method;

use self::object::{MayList, Upload};
pub(crate) use self::store::{Bucket, Content};
use super::{Visit, enter, not_authorised};
use crate::clock;
use crate::cloud::{Cloud, Protected};
use crate::http::answer::Answer;
use crate::http::request::Request;
use crate::identity::signature::{ALLOWED_SKEW, Rejection};
use crate::policy::condition::Context;
use crate::policy::decision::Verdict;
use crate::service::refusal::Refusal;

#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) kind: Kind,
    bucket: String,
    key: String,
}

/// The operations by the names of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    GetObject,
    HeadObject,
    PutObject,
    DeleteObject,
    CreateMultipartUpload,
    UploadPart,
    CompleteMultipartUpload,
    AbortMultipartUpload,
    HeadBucket,
    ListObjects,
    ListObjectsV2,
    ListObjectVersions,
    GetBucketLocation,
    GetBucketVersioning,
    /// Whatever else S3 can do, by its method and what the query asks for.
    Other(String),
}

/// Query parameters that do not make a request a different operation.
const HARMLESS: [&str; 14] = [
    "x-id",
    "prefix",
    "delimiter",
    "max-keys",
    "marker",
    "encoding-type",
    "continuation-token",
    "start-after",
    "fetch-owner",
    "key-marker",
    "version-id-marker",
    "versionId",
    "partNumber",
    "uploadId",
];

impl Operation {
    pub(super) fn read(request: &Request) -> Self {
        let path = request.path();
        let path = path.strip_prefix('/').unwrap_or(&path);
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        let kind = if key.is_empty() {
            of_bucket(request)
        } else {
            of_object(request)
        };
        Self {
            kind,
            bucket: bucket.to_owned(),
            key: key.to_owned(),
        }
    }

    pub(super) fn arn(&self) -> String {
        let slash = if self.key.is_empty() { "" } else { "/" };
        format!("arn:aws:s3:::{}{slash}{}", self.bucket, self.key)
    }

    fn bucket_arn(&self) -> String {
        format!("arn:aws:s3:::{}", self.bucket)
    }
}

fn of_object(request: &Request) -> Kind {
    let other = subresource(request, &["uploads"]);
    let upload = request.query("uploadId").is_some();
    match (&request.method, other) {
        (&Method::GET, None) if !upload => Kind::GetObject,
        (&Method::HEAD, None) => Kind::HeadObject,
        (&Method::PUT, None) if request.header("x-amz-copy-source").is_some() => {
            Kind::Other("CopyObject".to_owned())
        }
        (&Method::PUT, None) if upload => Kind::UploadPart,
        (&Method::PUT, None) => Kind::PutObject,
        (&Method::DELETE, None) if upload => Kind::AbortMultipartUpload,
        (&Method::DELETE, None) => Kind::DeleteObject,
        (&Method::POST, None) if upload => Kind::CompleteMultipartUpload,
        (&Method::POST, None) if request.query("uploads").is_some() => Kind::CreateMultipartUpload,
        (method, other) => Kind::Other(format!("{method}Object{}", other.unwrap_or_default())),
    }
}

fn of_bucket(request: &Request) -> Kind {
    let other = subresource(
        request,
        &["list-type", "versions", "versioning", "location"],
    );
    let asks = |name| request.query(name).is_some();
    match (&request.method, other) {
        (&Method::HEAD, None) => Kind::HeadBucket,
        (&Method::GET, None) if asks("versioning") => Kind::GetBucketVersioning,
        (&Method::GET, None) if asks("location") => Kind::GetBucketLocation,
        (&Method::GET, None) if asks("versions") => Kind::ListObjectVersions,
        (&Method::GET, None) if request.query("list-type") == Some("2") => Kind::ListObjectsV2,
        (&Method::GET, None) => Kind::ListObjects,
        (method, other) => Kind::Other(format!("{method}Bucket{}", other.unwrap_or_default())),
    }
}

/// What the query asks for that the lab does not serve.
fn subresource(request: &Request, served: &[&str]) -> Option<String> {
    let known = |name: &str| {
        served.contains(&name)
            || HARMLESS.contains(&name)
            || name.starts_with("X-Amz-")
            || name.starts_with("response-")
    };
    request
        .query
        .iter()
        .find(|(name, _)| !known(name))
        .map(|(name, _)| format!("?{name}"))
}

impl Kind {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::GetObject => "GetObject",
            Self::HeadObject => "HeadObject",
            Self::PutObject => "PutObject",
            Self::DeleteObject => "DeleteObject",
            Self::CreateMultipartUpload => "CreateMultipartUpload",
            Self::UploadPart => "UploadPart",
            Self::CompleteMultipartUpload => "CompleteMultipartUpload",
            Self::AbortMultipartUpload => "AbortMultipartUpload",
            Self::HeadBucket => "HeadBucket",
            Self::ListObjects => "ListObjects",
            Self::ListObjectsV2 => "ListObjectsV2",
            Self::ListObjectVersions => "ListObjectVersions",
            Self::GetBucketLocation => "GetBucketLocation",
            Self::GetBucketVersioning => "GetBucketVersioning",
            Self::Other(name) => name,
        }
    }

    fn brings_content(&self) -> bool {
        matches!(self, Self::PutObject | Self::UploadPart)
    }

    /// The permissions that it takes; several operations share one.
    fn permissions(&self, request: &Request) -> Vec<&'static str> {
        let versioned = request.query("versionId").is_some();
        let first = match self {
            Self::GetObject | Self::HeadObject if versioned => "s3:GetObjectVersion",
            Self::GetObject | Self::HeadObject => "s3:GetObject",
            Self::PutObject
            | Self::CreateMultipartUpload
            | Self::UploadPart
            | Self::CompleteMultipartUpload => "s3:PutObject",
            Self::DeleteObject if versioned => "s3:DeleteObjectVersion",
            Self::DeleteObject => "s3:DeleteObject",
            Self::AbortMultipartUpload => "s3:AbortMultipartUpload",
            Self::HeadBucket | Self::ListObjects | Self::ListObjectsV2 => "s3:ListBucket",
            Self::ListObjectVersions => "s3:ListBucketVersions",
            Self::GetBucketLocation => "s3:GetBucketLocation",
            Self::GetBucketVersioning => "s3:GetBucketVersioning",
            Self::Other(_) => return Vec::new(),
        };
        // Writing on a condition about what is there tells something about what is there.
        let changes = matches!(first, "s3:PutObject" | "s3:DeleteObject");
        if changes && request.header("if-match").is_some() {
            return vec![first, "s3:GetObject"];
        }
        vec![first]
    }
}

pub(super) fn serve(
    cloud: &Mutex<Cloud>,
    operation: &Operation,
    visit: Visit<'_>,
) -> Result<Answer, Refusal> {
    // Hashing a body takes its time: done before anybody else has to wait.
    let upload = operation
        .kind
        .brings_content()
        .then(|| Upload::read(visit.request))
        .transpose()?;
    let cloud = &mut *enter(cloud);
    check_bucket(cloud, operation, visit)?;
    for permission in operation.kind.permissions(visit.request) {
        authorise(cloud, operation, permission, visit)?;
    }
    let may_list = MayList(may_list(cloud, operation, visit));
    let bucket = bucket_of(cloud, operation)?;
    let (request, key) = (visit.request, operation.key.as_str());
    match (&operation.kind, upload) {
        (Kind::GetObject | Kind::HeadObject, _) => object::get(bucket, key, request, may_list),
        (Kind::PutObject, Some(upload)) => object::put(bucket, key, upload, visit),
        (Kind::DeleteObject, _) => object::delete(bucket, key, visit),
        (Kind::CreateMultipartUpload, _) => Ok(multipart::create(bucket, operation, request)),
        (Kind::UploadPart, Some(upload)) => multipart::add_part(bucket, upload, request),
        (Kind::CompleteMultipartUpload, _) => multipart::complete(bucket, operation, visit),
        (Kind::AbortMultipartUpload, _) => multipart::abort(bucket, request),
        (Kind::HeadBucket, _) => Ok(Answer::new(200).with("x-amz-bucket-region", &*bucket.region)),
        (Kind::ListObjects, _) => Ok(listing::objects(bucket, &operation.bucket, request)),
        (Kind::ListObjectsV2, _) => listing::objects_v2(bucket, &operation.bucket, request),
        (Kind::ListObjectVersions, _) => Ok(listing::versions(bucket, &operation.bucket, request)),
        (Kind::GetBucketLocation, _) => Ok(listing::location(bucket)),
        (Kind::GetBucketVersioning, _) => Ok(listing::versioning(bucket)),
        (Kind::PutObject | Kind::UploadPart, None) => unreachable!("its body was read above"),
        (Kind::Other(name), _) => {
            let message = format!("The lab's S3 does not implement {name}.");
            Err(Refusal::new(501, "NotImplemented", message))
        }
    }
}

fn bucket_of<'a>(cloud: &'a mut Cloud, operation: &Operation) -> Result<&'a mut Bucket, Refusal> {
    let found = cloud.buckets.get_mut(&operation.bucket);
    found.ok_or_else(|| {
        Refusal::new(404, "NoSuchBucket", "The specified bucket does not exist")
            .detail("BucketName", &operation.bucket)
    })
}

/// What S3 looks at before it looks at permissions: is it there, here, and whose is it.
fn check_bucket(cloud: &mut Cloud, operation: &Operation, visit: Visit<'_>) -> Result<(), Refusal> {
    let bucket = bucket_of(cloud, operation)?;
    if bucket.region != visit.region {
        return Err(elsewhere(bucket, operation, visit.region));
    }
    let expected = visit.request.header("x-amz-expected-bucket-owner");
    match expected {
        Some(account) if account != bucket.owner => {
            Err(denied().because("the bucket belongs to another account than expected"))
        }
        Some(_) | None => Ok(()),
    }
}

/// A signature for us-east-1 comes through the global endpoint, which passes the request on to
/// where the bucket is; a regional endpoint sends the caller away.
fn elsewhere(bucket: &Bucket, operation: &Operation, signed_for: &str) -> Refusal {
    let region = &bucket.region;
    let refusal = if signed_for == "us-east-1" {
        let message = format!(
            "The authorization header is malformed; the region '{signed_for}' is wrong; expecting \
             '{region}'"
        );
        Refusal::new(400, "AuthorizationHeaderMalformed", message).detail("Region", region)
    } else {
        let message = "The bucket you are attempting to access must be addressed using the \
                       specified endpoint. Please send all future requests to this endpoint.";
        Refusal::new(301, "PermanentRedirect", message)
            .detail("Endpoint", format!("s3.{region}.amazonaws.com"))
            .detail("Bucket", &operation.bucket)
    };
    refusal.with("x-amz-bucket-region", region)
}

fn authorise(
    cloud: &Cloud,
    operation: &Operation,
    permission: &str,
    visit: Visit<'_>,
) -> Result<(), Refusal> {
    let arn = operation.arn();
    let bucket = &cloud.buckets[&operation.bucket];
    let resource = Protected {
        arn: &arn,
        owner: &bucket.owner,
        policy: bucket.policy.as_ref(),
    };
    match cloud.judge(
        visit.caller,
        permission,
        resource,
        &context(visit, &bucket.owner),
    ) {
        Verdict::Allowed => Ok(()),
        // S3 explains itself within an account only.
        Verdict::Denied(denial) if visit.caller.account() == bucket.owner => {
            let quoted = format!("\"{arn}\"");
            let message = not_authorised(visit.caller, permission, &quoted, denial);
            Err(Refusal::new(403, "AccessDenied", message).because(denial.because(permission)))
        }
        Verdict::Denied(denial) => Err(denied().because(denial.because(permission))),
    }
}

/// Whether the caller may learn which keys exist.
fn may_list(cloud: &Cloud, operation: &Operation, visit: Visit<'_>) -> bool {
    let bucket = &cloud.buckets[&operation.bucket];
    let arn = operation.bucket_arn();
    let resource = Protected {
        arn: &arn,
        owner: &bucket.owner,
        policy: bucket.policy.as_ref(),
    };
    let mut context = visit.caller.context(visit.region);
    context.set("aws:ResourceAccount", &bucket.owner);
    cloud.judge(visit.caller, "s3:ListBucket", resource, &context) == Verdict::Allowed
}

fn context(visit: Visit<'_>, owner: &str) -> Context {
    let mut context = visit.caller.context(visit.region);
    context.set("aws:ResourceAccount", owner);
    for name in ["prefix", "delimiter", "max-keys", "versionId"] {
        if let Some(value) = visit.request.query(name) {
            context.set(&format!("s3:{name}"), value);
        }
    }
    for name in ["x-amz-server-side-encryption", "x-amz-content-sha256"] {
        if let Some(value) = visit.request.header(name) {
            context.set(&format!("s3:{name}"), value);
        }
    }
    context
}

fn denied() -> Refusal {
    Refusal::new(403, "AccessDenied", "Access Denied")
}

pub(super) fn refuse(rejection: &Rejection) -> Refusal {
    match rejection {
        Rejection::Unsigned => denied(),
        Rejection::Malformed(what) => {
            Refusal::new(400, "AuthorizationHeaderMalformed", what.as_str())
        }
        Rejection::UnknownKey => Refusal::new(
            403,
            "InvalidAccessKeyId",
            "The AWS Access Key Id you provided does not exist in our records.",
        ),
        Rejection::WrongToken => Refusal::new(
            400,
            "InvalidToken",
            "The provided token is malformed or otherwise invalid.",
        ),
        Rejection::Expired => Refusal::new(400, "ExpiredToken", "The provided token has expired."),
        Rejection::Skewed { sent, now } => Refusal::new(
            403,
            "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large.",
        )
        .detail("RequestTime", clock::compact(*sent))
        .detail("ServerTime", clock::iso_seconds(*now))
        .detail(
            "MaxAllowedSkewMilliseconds",
            ALLOWED_SKEW.as_millis().to_string(),
        ),
        Rejection::PresignEnded => Refusal::new(403, "AccessDenied", "Request has expired"),
        Rejection::WrongSignature => Refusal::new(
            403,
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. Check \
             your key and signing method.",
        ),
        Rejection::WrongPayload => Refusal::new(
            400,
            "XAmzContentSHA256Mismatch",
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
        ),
        Rejection::BrokenChunks => Refusal::new(
            400,
            "IncompleteBody",
            "The request body terminated unexpectedly",
        ),
        Rejection::UnsignedHeader(name) => Refusal::new(
            403,
            "AccessDenied",
            "There were headers present in the request which were not signed",
        )
        .detail("HeadersNotSigned", name),
    }
}
