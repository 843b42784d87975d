using Microsoft.Extensions.Logging;
using SlimtaFast.Storage.Aws;
using SlimtaFast.Storage.Cloud;

namespace SlimtaFast.Server.Configuration;

/// <summary>A queue in a bucket, and perhaps a queue of SQS that tells of it.</summary>
/// <param name="Bucket">The bucket, without who asks.</param>
/// <param name="Queue">The queue; empty for none.</param>
/// <param name="QueueUrl">The queue's endpoint where it is another than AWS's.</param>
internal sealed record S3StorageAddress(S3Options Bucket, string Queue, Uri? QueueUrl) : CloudStorageAddress
{
    private const string Name = "s3", Scheme = "s3://";

    /// <inheritdoc/>
    public override bool IsShared => true;

    /// <summary>
    /// Reads <c>s3://BUCKET[/PREFIX][?region=NAME&amp;endpoint=URL&amp;path-style=on|off&amp;queue=NAME&amp;queue-endpoint=URL&amp;scratch=DIR&amp;timeout=TIME]</c>.
    /// </summary>
    public static new S3StorageAddress Parse(string text)
    {
        if (!text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            throw new FormatException($"'{text}' is no bucket; it is s3://BUCKET/PREFIX");
        (string place, IReadOnlyList<KeyValuePair<string, string>> parameters) = QueryText.Split(text[Scheme.Length..]);
        (string bucket, string prefix) = SplitPlace(Name, place);
        var address = new S3StorageAddress(new S3Options { Bucket = bucket, Prefix = prefix }, "", null);
        foreach ((string name, string value) in parameters)
            address = address.With(name, value);
        return address;
    }

    /// <inheritdoc/>
    protected override IObjectStore OpenObjects(CloudSecrets secrets, TimeProvider time, ILoggerFactory loggers) =>
        new S3ObjectStore(Bucket with { Endpoint = EndpointOf(secrets) }, loggers.CreateLogger<S3ObjectStore>());

    /// <inheritdoc/>
    protected override IMessageQueue? OpenQueue(CloudSecrets secrets, TimeProvider time, ILoggerFactory loggers) =>
        Queue.Length == 0 ? null : new SqsMessageQueue(new SqsOptions { Queue = Queue, Endpoint = EndpointOf(secrets) with { ServiceUrl = QueueUrl ?? Bucket.Endpoint.ServiceUrl } }, loggers.CreateLogger<SqsMessageQueue>());

    private AwsEndpoint EndpointOf(CloudSecrets secrets) => Bucket.Endpoint with { AccessKey = secrets.AccessKey, SecretKey = secrets.SecretKey };

    private S3StorageAddress With(string name, string value) => name switch
    {
        "region" when value.Length > 0 => this with { Bucket = Bucket with { Endpoint = Bucket.Endpoint with { Region = value } } },
        "endpoint" => this with { Bucket = Bucket with { Endpoint = Bucket.Endpoint with { ServiceUrl = ReadUrl(Name, name, value) } } },
        "timeout" => this with { Bucket = Bucket with { Endpoint = Bucket.Endpoint with { Timeout = ReadTimeout(value) } } },
        "path-style" => this with { Bucket = Bucket with { PathStyle = ReadSwitch(Name, name, value) } },
        "scratch" when Directory.Exists(value) => this with { Bucket = Bucket with { ScratchFolder = value } },
        "scratch" => throw new FormatException($"s3: scratch={value} is no folder"),
        "queue" => this with { Queue = value },
        "queue-endpoint" => this with { QueueUrl = ReadUrl(Name, name, value) },
        _ => throw new FormatException($"s3: has no parameter '{name}'; it has region, endpoint, path-style, queue, queue-endpoint, scratch and timeout"),
    };
}
