using System.Buffers;
using FsCheck.Xunit;
using SlimtaFast.TestKit;

namespace SlimtaFast.Mail.Tests;

public sealed class EditedContentTests
{
    [Property]
    public bool Checksums_combine(byte[] first, byte[] second) =>
        Crc32C.Combine(Crc32C.Compute(first), Crc32C.Compute(second), second.Length) == Crc32C.Compute([.. first, .. second]);

    [Property]
    public bool Octets_length_and_checksum_are_those_of_the_whole(byte[] start, byte[] replaced, byte[] rest, bool inMemory)
    {
        byte[] before = [.. replaced, .. rest], after = [.. start, .. rest];
        using var source = new Source(before, inMemory);
        var content = new EditedContent(Envelopes.NewId(), start, replaced, source.Content);
        bool same = content.Length == after.Length
            && content.Crc == Crc32C.Compute(after)
            && Contents.ReadAllAsync(content).GetAwaiter().GetResult().AsSpan().SequenceEqual(after)
            && content.TryGetMemory(out ReadOnlySequence<byte> bytes) == inMemory
            && (!inMemory || bytes.ToArray().AsSpan().SequenceEqual(after));
        content.Release();
        return same;
    }

    [Property]
    public bool Every_read_gives_as_much_as_fits(byte[] start, byte[] rest, byte offset, byte length)
    {
        byte[] after = [.. start, .. rest];
        using var source = new Source([1, 2, .. rest], inMemory: false);
        var content = new EditedContent(Envelopes.NewId(), start, [1, 2], source.Content);
        byte[] buffer = new byte[length];
        int read = content.ReadAsync(offset, buffer, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        content.Release();
        return buffer.AsSpan(0, read).SequenceEqual(after.AsSpan(Math.Min(offset, after.Length)..Math.Min(offset + length, after.Length)));
    }

    [Property]
    public bool Traits_are_at_least_those_of_the_whole(byte[] start, byte[] rest)
    {
        byte[] head = [.. start, .. "\r\n"u8], after = [.. head, .. rest];
        MessageContent original = Contents.InMemory(rest);
        var content = new EditedContent(Envelopes.NewId(), head, [], original);
        original.Release();
        ContentTraits traits = content.Traits;
        content.Release();
        return (Contents.TraitsOf(after) & ~traits) == ContentTraits.None
            && traits.HasFlag(ContentTraits.NoFinalLineEnd) == Contents.TraitsOf(after).HasFlag(ContentTraits.NoFinalLineEnd);
    }

    [Fact]
    public void Original_lives_as_long_as_what_was_made_of_it()
    {
        var original = new MediumContent([1, 2, 3]);
        var content = new EditedContent(Envelopes.NewId(), "ab"u8.ToArray(), [1], original);
        original.Release();
        Assert.False(original.IsFreed);
        content.Release();
        Assert.True(original.IsFreed);
        Assert.Throws<ObjectDisposedException>(() => new EditedContent(Envelopes.NewId(), default, [1], original));
    }

    [Fact]
    public void Only_the_new_start_of_a_content_on_a_medium_is_in_memory()
    {
        using var source = new Source(new byte[100], inMemory: false);
        var content = new EditedContent(Envelopes.NewId(), new byte[10], new byte[20], source.Content);
        Assert.Equal(10, content.OctetsInMemory);
        Assert.Equal(90, content.Length);
        content.Release();
    }

    // A content with the right checksum, on a medium or in memory.
    private sealed class Source : IDisposable
    {
        public Source(byte[] bytes, bool inMemory)
        {
            MessageContent memory = Contents.InMemory(bytes);
            Content = inMemory ? memory : new Streamed(memory);
        }

        public MessageContent Content { get; }

        public void Dispose() => Content.Release();

        private sealed class Streamed(MessageContent inner) : MessageContent(inner.Id, inner.Length, inner.Crc, inner.Traits)
        {
            public override bool TryGetMemory(out ReadOnlySequence<byte> bytes)
            {
                bytes = default;
                return false;
            }

            public override ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken) => inner.ReadAsync(offset, buffer, cancellationToken);

            protected override void Free() => inner.Release();
        }
    }
}
