using FsCheck.Xunit;

namespace SlimtaFast.Mail.Tests;

public sealed class Crc32CTests
{
    // RFC 3720 appendix B.4, and the check value of the CRC catalogues.
    public static TheoryData<byte[], uint> Vectors => new()
    {
        { [], 0 },
        { "123456789"u8.ToArray(), 0xE3069283 },
        { new byte[32], 0x8A9136AA },
        { [.. Enumerable.Repeat((byte)0xFF, 32)], 0x62A8AB43 },
        { [.. Enumerable.Range(0, 32).Select(static i => (byte)i)], 0x46DD794E },
        { [.. Enumerable.Range(0, 32).Select(static i => (byte)(31 - i))], 0x113FDB5C },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Known_octets_have_their_known_checksum(byte[] octets, uint expected) => Assert.Equal(expected, Crc32C.Compute(octets));

    [Property]
    public bool Any_octets_have_the_checksum_of_the_definition(byte[] octets) => Crc32C.Compute(octets) == BitByBit(octets);

    [Property]
    public bool Appending_goes_on_where_the_first_part_ended(byte[] first, byte[] second) =>
        Crc32C.Append(Crc32C.Compute(first), second) == Crc32C.Compute([.. first, .. second]);

    private static uint BitByBit(byte[] octets)
    {
        uint state = uint.MaxValue;
        foreach (byte octet in octets)
        {
            state ^= octet;
            for (int bit = 0; bit < 8; bit++)
                state = (state >> 1) ^ ((state & 1) * 0x82F63B78);
        }

        return ~state;
    }
}
