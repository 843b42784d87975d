using Microsoft.Extensions.Logging;
using SlimtaFast.Storage.Aws;
using SlimtaFast.Storage.Cloud;

namespace SlimtaFast.Server.Configuration;

/// <summary>A queue in a bucket, and perhaps a message queue that tells of it.</summary>
/// <param name="Bucket">The bucket, without who asks.</param>
/// <param name="Queue">The message queue.</param>
internal sealed record S3StorageAddress(S3Options Bucket, CloudQueueAddress Queue) : CloudStorageAddress
{
    private const string Name = "s3", Scheme = "s3://";

    /// <inheritdoc/>
    public override bool IsShared => true;

    /// <inheritdoc/>
    public override bool HasQueue => Queue.Name.Length > 0;

    /// <inheritdoc/>
    protected override TimeSpan RequestTimeout => Bucket.Endpoint.Timeout;

    /// <summary>
    /// Reads <c>s3://BUCKET[/PREFIX][?region=NAME&amp;endpoint=URL&amp;path-style=on|off&amp;scratch=DIR&amp;timeout=TIME]</c> and the parameters of
    /// <see cref="CloudQueueAddress"/>.
    /// </summary>
    public static new S3StorageAddress Parse(string text)
    {
        if (!text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            throw new FormatException($"'{text}' is no bucket; it is s3://BUCKET/PREFIX");
        (string place, IReadOnlyList<KeyValuePair<string, string>> parameters) = QueryText.Split(text[Scheme.Length..]);
        (string bucket, string prefix) = SplitPlace(Name, place);
        var address = new S3StorageAddress(new S3Options { Bucket = bucket, Prefix = prefix }, new CloudQueueAddress());
        foreach ((string name, string value) in parameters)
            address = address.Queue.With(Name, name, value) is { } queue ? address with { Queue = queue } : address.With(name, value);
        return address;
    }

    /// <inheritdoc/>
    public override IObjectStore OpenObjects(CloudSecrets secrets, TimeProvider time, ILoggerFactory loggers) =>
        new S3ObjectStore(Bucket with { Endpoint = Bucket.Endpoint with { AccessKey = secrets.AccessKey, SecretKey = secrets.SecretKey } }, loggers.CreateLogger<S3ObjectStore>());

    /// <inheritdoc/>
    protected override IMessageQueue? OpenQueue(CloudSecrets secrets, TimeProvider time, ILoggerFactory loggers) => Queue.Open("sqs", Bucket.Endpoint, null, secrets, time, loggers);

    private S3StorageAddress With(string name, string value) => name switch
    {
        "region" when value.Length > 0 => this with { Bucket = Bucket with { Endpoint = Bucket.Endpoint with { Region = value } } },
        "endpoint" => this with { Bucket = Bucket with { Endpoint = Bucket.Endpoint with { ServiceUrl = ReadUrl(Name, name, value) } } },
        "timeout" => this with { Bucket = Bucket with { Endpoint = Bucket.Endpoint with { Timeout = ReadTimeout(value) } } },
        "path-style" => this with { Bucket = Bucket with { PathStyle = ReadSwitch(Name, name, value) } },
        "scratch" when Directory.Exists(value) => this with { Bucket = Bucket with { ScratchFolder = value } },
        "scratch" => throw new FormatException($"s3: scratch={value} is no folder"),
        _ => throw new FormatException($"s3: has no parameter '{name}' of that kind; it has region, endpoint, path-style, scratch, timeout, queue, queue-endpoint, queue-region, queue-auth, queue-identity and queue-version (v1, v1.1 or v2)"),
    };
}
