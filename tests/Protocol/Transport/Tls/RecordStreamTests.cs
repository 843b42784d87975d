using System.IO.Pipelines;
using FsCheck.Xunit;
using SlimtaFast.Protocol.Transport.Tls;

namespace SlimtaFast.Protocol.Tests.Transport.Tls;

public sealed class RecordStreamTests
{
    [Property(MaxTest = 300)]
    public void Any_octets_in_any_pieces_come_out_the_same_and_no_read_goes_beyond_a_record(byte[][] pieces, byte roomSeed, bool asRecords) =>
        CheckAsync(pieces ?? [], roomSeed, asRecords).GetAwaiter().GetResult();

    [Fact]
    public async Task Whole_record_is_told_from_a_part()
    {
        var pipe = new Pipe();
        await using var records = new RecordStream(pipe.Reader, pipe.Writer) { IsHandshaking = false };
        byte[] record = [23, 3, 3, 0, 4, 1, 2, 3, 4];
        foreach (byte octet in record)
        {
            Assert.False(records.HasRecord());
            records.Release();
            await pipe.Writer.WriteAsync(new[] { octet });
            records.Accept(await pipe.Reader.ReadAsync());
        }

        Assert.True(records.HasRecord());
        byte[] room = new byte[100];
        Assert.Equal(5, await records.ReadAsync(room));
        Assert.True(records.HasRecord());
        Assert.Equal(4, await records.ReadAsync(room));
        Assert.False(records.HasRecord());
    }

    [Theory]
    [InlineData((byte)19, (byte)0)]
    [InlineData((byte)24, (byte)0)]
    [InlineData((byte)'G', (byte)0)]
    [InlineData((byte)23, (byte)0xFF)]
    public async Task Octets_that_are_no_record_are_given_to_the_decoder_at_once(byte type, byte highLength)
    {
        var pipe = new Pipe();
        await using var records = new RecordStream(pipe.Reader, pipe.Writer) { IsHandshaking = false };
        await pipe.Writer.WriteAsync(new byte[] { type, 3, 3, highLength, 9 });
        records.Accept(await pipe.Reader.ReadAsync());
        Assert.True(records.HasRecord());
    }

    private static async Task CheckAsync(byte[][] pieces, byte roomSeed, bool asRecords)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        var sent = new List<byte>();
        foreach (byte[] piece in pieces)
        {
            byte[] octets = asRecords ? [23, 3, 3, (byte)(piece.Length >> 8), (byte)piece.Length, .. piece] : piece;
            sent.AddRange(octets);
            await pipe.Writer.WriteAsync(octets);
        }

        await pipe.Writer.CompleteAsync();
        var ends = new HashSet<int>();
        for (int at = 0; at + 5 <= sent.Count; at += 5 + (sent[at + 3] << 8) + sent[at + 4])
            ends.Add(at);
        await using var records = new RecordStream(pipe.Reader, pipe.Writer);
        var received = new List<byte>();
        byte[] room = new byte[(roomSeed % 40) + 1];
        int count;
        while ((count = await records.ReadAsync(room)) > 0)
        {
            int before = received.Count;
            received.AddRange(room.AsSpan(0, count).ToArray());
            Assert.DoesNotContain(ends, end => end > before && end < received.Count);
        }

        Assert.Equal(sent, received);
    }
}
