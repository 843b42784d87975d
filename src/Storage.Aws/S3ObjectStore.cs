using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SlimtaFast.Storage.Aws.S3;
using SlimtaFast.Storage.Cloud;

namespace SlimtaFast.Storage.Aws;

/// <summary>Objects in a bucket of S3, or of something that speaks its protocol. Large ones go up in parts while they come. Thread-safe.</summary>
public sealed class S3ObjectStore : IObjectStore
{
    private readonly S3Options _options;
    private readonly ILogger _logger;
    private readonly AmazonS3Client _client;
    private volatile TagForm _tagForm;

    /// <summary>Makes a store that <see cref="StartAsync"/> checks.</summary>
    /// <param name="options">Where and how.</param>
    /// <param name="logger">Told of what an operator should know; null for nowhere.</param>
    /// <exception cref="ArgumentException">The options make no sense.</exception>
    public S3ObjectStore(S3Options options, ILogger<S3ObjectStore>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _logger = logger ?? NullLogger<S3ObjectStore>.Instance;
        var config = new AmazonS3Config
        {
            ForcePathStyle = options.PathStyle ?? options.Endpoint.ServiceUrl is not null,

            // Not every endpoint knows the newer checksums; the record and the content have their own.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        options.Endpoint.Configure(config, options.Endpoint.Timeout);
        _client = options.Endpoint.Credentials is { } credentials ? new AmazonS3Client(credentials, config) : new AmazonS3Client(config);
    }

    /// <inheritdoc/>
    public string Description => $"s3://{_options.Bucket}/{_options.Prefix}";

    /// <inheritdoc/>
    public ConditionalWrites Conditions => ConditionalWrites.Atomic;

    /// <inheritdoc/>
    public bool ListsAtOnce => _options.Endpoint.ServiceUrl is null;

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken) => await ListAsync("", null, 1, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<StoredObject?> GetAsync(string name, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = Limit(cancellationToken);
        try
        {
            using GetObjectResponse answer = await _client.GetObjectAsync(new GetObjectRequest { BucketName = _options.Bucket, Key = Key(name) }, limit.Token).ConfigureAwait(false);
            byte[] bytes = new byte[answer.ContentLength];
            await answer.ResponseStream.ReadExactlyAsync(bytes, limit.Token).ConfigureAwait(false);
            return new StoredObject(bytes, answer.ETag);
        }
        catch (AmazonS3Exception trouble) when (IsAbsent(trouble))
        {
            return null;
        }
        catch (Exception trouble) when (AwsFault.IsKnown(trouble, cancellationToken))
        {
            throw AwsFault.Translate(trouble, Description, false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<int?> ReadAsync(string name, long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (buffer.IsEmpty)
            return 0;
        using CancellationTokenSource limit = Limit(cancellationToken);
        try
        {
            var request = new GetObjectRequest { BucketName = _options.Bucket, Key = Key(name), ByteRange = new ByteRange(offset, offset + buffer.Length - 1) };
            using GetObjectResponse answer = await _client.GetObjectAsync(request, limit.Token).ConfigureAwait(false);
            if (offset > 0 && answer.HttpStatusCode != HttpStatusCode.PartialContent)
                throw new StorageException(StorageFailure.Unavailable, $"{Description} does not read a part of an object.");
            return await answer.ResponseStream.ReadAtLeastAsync(buffer, buffer.Length, false, limit.Token).ConfigureAwait(false);
        }
        catch (AmazonS3Exception trouble) when (IsAbsent(trouble))
        {
            return null;
        }
        catch (AmazonS3Exception trouble) when (trouble.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            return 0;
        }
        catch (Exception trouble) when (AwsFault.IsKnown(trouble, cancellationToken))
        {
            throw AwsFault.Translate(trouble, Description, false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<ObjectFacts?> FindAsync(string name, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = Limit(cancellationToken);
        try
        {
            GetObjectMetadataResponse answer = await _client.GetObjectMetadataAsync(new GetObjectMetadataRequest { BucketName = _options.Bucket, Key = Key(name) }, limit.Token).ConfigureAwait(false);
            return new ObjectFacts(name, answer.ContentLength, answer.ETag, Utc(answer.LastModified));
        }
        catch (AmazonS3Exception trouble) when (IsAbsent(trouble))
        {
            return null;
        }
        catch (Exception trouble) when (AwsFault.IsKnown(trouble, cancellationToken))
        {
            throw AwsFault.Translate(trouble, Description, false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<string?> PutAsync(string name, ReadOnlyMemory<byte> bytes, IReadOnlyList<KeyValuePair<string, string>> facts, PutCondition condition, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(facts);
        if (condition.Tag is not { } expected)
            return await PutAsync(name, bytes, facts, condition, null, cancellationToken).ConfigureAwait(false);
        TagForm form = _tagForm;
        string? tag = await PutAsync(name, bytes, facts, condition, form == TagForm.Bare ? expected.Trim('"') : expected, cancellationToken).ConfigureAwait(false);
        if (tag is not null || form != TagForm.Unknown)
        {
            if (form == TagForm.Unknown)
                _tagForm = TagForm.Quoted;
            return tag;
        }

        // Refused: rightly, unless the object has that very tag.
        if ((await FindAsync(name, cancellationToken).ConfigureAwait(false))?.Tag != expected)
            return null;
        tag = await PutAsync(name, bytes, facts, condition, expected.Trim('"'), cancellationToken).ConfigureAwait(false);
        if (tag is not null)
            _tagForm = TagForm.Bare;
        return tag;
    }

    /// <inheritdoc/>
    public ObjectUpload BeginUpload(string name) => new PartwiseUpload(_client, _options, Key(name), Description, _logger);

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(names);
        using CancellationTokenSource limit = Limit(cancellationToken);
        try
        {
            // One by one: deleting many at once needs a checksum that endpoints disagree about.
            await Task.WhenAll(names.Select(name => DeleteAsync(name, limit.Token))).ConfigureAwait(false);
        }
        catch (Exception trouble) when (AwsFault.IsKnown(trouble, cancellationToken))
        {
            throw AwsFault.Translate(trouble, Description, true);
        }
    }

    /// <inheritdoc/>
    public ValueTask DeleteUploadAsync(string name, CancellationToken cancellationToken) => DeleteAsync([name], cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<ObjectPage> ListAsync(string prefix, string? after, int max, CancellationToken cancellationToken)
    {
        var request = new ListObjectsV2Request { BucketName = _options.Bucket, Prefix = Key(prefix), StartAfter = after is null ? null : Key(after), MaxKeys = max };
        using CancellationTokenSource limit = Limit(cancellationToken);
        try
        {
            ListObjectsV2Response answer = await _client.ListObjectsV2Async(request, limit.Token).ConfigureAwait(false);
            return new ObjectPage(
                [.. (answer.S3Objects ?? []).Select(found => new ObjectFacts(found.Key[_options.Prefix.Length..], found.Size ?? 0, found.ETag, Utc(found.LastModified)))],
                answer.IsTruncated == true);
        }
        catch (Exception trouble) when (AwsFault.IsKnown(trouble, cancellationToken))
        {
            throw AwsFault.Translate(trouble, Description, false);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private static bool IsAbsent(AmazonS3Exception trouble) => trouble.StatusCode == HttpStatusCode.NotFound && trouble.ErrorCode != "NoSuchBucket";

    // 409: another request on the object was under way. 404: the object that should have a tag is gone.
    private static bool IsRefusal(AmazonS3Exception trouble, PutCondition condition) =>
        trouble.StatusCode is HttpStatusCode.PreconditionFailed or HttpStatusCode.Conflict || (condition.Tag is not null && IsAbsent(trouble));

    private static DateTimeOffset Utc(DateTime? time) => time is null ? DateTimeOffset.MaxValue : new DateTimeOffset(time.Value.ToUniversalTime());

    private async Task<string?> PutAsync(string name, ReadOnlyMemory<byte> bytes, IReadOnlyList<KeyValuePair<string, string>> facts, PutCondition condition, string? tag, CancellationToken cancellationToken)
    {
        using var stream = new MemoryStream(bytes.ToArray(), false);
        var request = new PutObjectRequest
        {
            BucketName = _options.Bucket,
            Key = Key(name),
            InputStream = stream,
            UseChunkEncoding = false,
            AutoCloseStream = false,
            IfNoneMatch = condition.IsAbsent ? "*" : null,
            IfMatch = tag,
        };
        foreach ((string fact, string value) in facts)
            request.Metadata.Add(fact, value);
        using CancellationTokenSource limit = Limit(cancellationToken);
        try
        {
            return (await _client.PutObjectAsync(request, limit.Token).ConfigureAwait(false)).ETag;
        }
        catch (AmazonS3Exception trouble) when (condition != PutCondition.None && IsRefusal(trouble, condition))
        {
            return null;
        }
        catch (AmazonS3Exception trouble) when (condition != PutCondition.None && (trouble.StatusCode == HttpStatusCode.NotImplemented || trouble.ErrorCode is "NotImplemented" or "InvalidArgument"))
        {
            throw new NotSupportedException($"{Description} does not write conditionally: {trouble.Message}", trouble);
        }
        catch (Exception trouble) when (AwsFault.IsKnown(trouble, cancellationToken))
        {
            throw AwsFault.Translate(trouble, Description, true);
        }
    }

    private async Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            await _client.DeleteObjectAsync(_options.Bucket, Key(name), cancellationToken).ConfigureAwait(false);
        }
        catch (AmazonS3Exception trouble) when (trouble.ErrorCode == "NoSuchKey")
        {
            // Swift says so.
        }
    }

    // For all tries together and for the octets of the answer, which the client's own limit leaves out.
    private CancellationTokenSource Limit(CancellationToken cancellationToken)
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.Endpoint.Timeout);
        return limit;
    }

    private string Key(string name) => _options.Prefix + name;
}
