using Amazon.S3;
using Amazon.S3.Model;
using Microsoft.Extensions.Logging;
using SlimtaFast.Storage.Cloud;

namespace SlimtaFast.Storage.Aws.S3;

/// <summary>
/// A large object that goes up in parts. The service wants parts of 5 MiB, of known length: what comes waits for that in a scratch file, so that an upload
/// takes no memory to speak of. One that is smaller than a part goes up as a whole.
/// </summary>
internal sealed class PartwiseUpload : ObjectUpload
{
    private readonly AmazonS3Client _client;
    private readonly S3Options _options;
    private readonly string _key;
    private readonly string _description;
    private readonly ILogger _logger;
    private readonly List<PartETag> _parts = [];
    private FileStream? _scratch;
    private string? _uploadId;
    private bool _isComplete;

    /// <summary>Begins an upload; nothing is sent yet.</summary>
    public PartwiseUpload(AmazonS3Client client, S3Options options, string key, string description, ILogger logger)
    {
        _client = client;
        _options = options;
        _key = key;
        _description = description;
        _logger = logger;
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            while (!bytes.IsEmpty)
            {
                _scratch ??= OpenScratch();
                int count = (int)Math.Min(bytes.Length, _options.PartOctets - _scratch.Position);
                await _scratch.WriteAsync(bytes[..count], cancellationToken).ConfigureAwait(false);
                bytes = bytes[count..];
                if (_scratch.Position == _options.PartOctets)
                    await SendPartAsync(false, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception trouble) when (AwsFault.IsKnown(trouble, cancellationToken))
        {
            throw AwsFault.Translate(trouble, _description, false);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_uploadId is null)
            {
                _scratch ??= OpenScratch();
                _scratch.Position = 0;
                var request = new PutObjectRequest { BucketName = _options.Bucket, Key = _key, InputStream = _scratch, UseChunkEncoding = false, AutoCloseStream = false };
                await _client.PutObjectAsync(request, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                if (_scratch is not null)
                    await SendPartAsync(true, cancellationToken).ConfigureAwait(false);
                var request = new CompleteMultipartUploadRequest { BucketName = _options.Bucket, Key = _key, UploadId = _uploadId, PartETags = _parts };
                await _client.CompleteMultipartUploadAsync(request, cancellationToken).ConfigureAwait(false);
            }

            _isComplete = true;
        }
        catch (Exception trouble) when (AwsFault.IsKnown(trouble, cancellationToken))
        {
            throw AwsFault.Translate(trouble, _description, false);
        }
    }

    /// <inheritdoc/>
    protected override async ValueTask DisposeCoreAsync()
    {
        if (_scratch is not null)
            await _scratch.DisposeAsync().ConfigureAwait(false);
        _scratch = null;
        if (_isComplete || _uploadId is null)
            return;
        try
        {
            await _client.AbortMultipartUploadAsync(_options.Bucket, _key, _uploadId).ConfigureAwait(false);
        }
        catch (Exception trouble) when (AwsFault.IsKnown(trouble, CancellationToken.None))
        {
            AwsLog.PartsLeft(_logger, _key, trouble);
        }
    }

    // Nobody else may read mail, and nothing stays when the process is killed: only Windows needs the name to the end.
    private FileStream OpenScratch()
    {
        string path = Path.Combine(_options.ScratchFolder, $"slimtafast-{Guid.NewGuid():n}");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.Asynchronous, BufferSize = 64 * 1024 };
        if (OperatingSystem.IsWindows())
            options.Options |= FileOptions.DeleteOnClose;
        else
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var scratch = new FileStream(path, options);
        if (!OperatingSystem.IsWindows())
            File.Delete(path);
        return scratch;
    }

    private async Task SendPartAsync(bool isLast, CancellationToken cancellationToken)
    {
        _uploadId ??= (await _client.InitiateMultipartUploadAsync(_options.Bucket, _key, cancellationToken).ConfigureAwait(false)).UploadId;
        await using FileStream part = _scratch!;
        _scratch = null;
        long length = part.Position;
        part.Position = 0;
        var request = new UploadPartRequest
        {
            BucketName = _options.Bucket,
            Key = _key,
            UploadId = _uploadId,
            PartNumber = _parts.Count + 1,
            PartSize = length,
            InputStream = part,
            IsLastPart = isLast,
            UseChunkEncoding = false,
        };
        UploadPartResponse answer = await _client.UploadPartAsync(request, cancellationToken).ConfigureAwait(false);
        _parts.Add(new PartETag(_parts.Count + 1, answer.ETag));
    }
}
