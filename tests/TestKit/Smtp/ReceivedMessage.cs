namespace SlimtaFast.TestKit.Smtp;

/// <summary>A message as a <see cref="ScriptedServer"/> got it.</summary>
/// <param name="Bytes">The content, dots undone.</param>
/// <param name="Raw">As it came: with its dots for DATA, the same for BDAT.</param>
/// <param name="ByChunk">True where BDAT brought it.</param>
public sealed record ReceivedMessage(byte[] Bytes, byte[] Raw, bool ByChunk)
{
    /// <summary>The content as text, one character for each octet.</summary>
    public string Text => System.Text.Encoding.Latin1.GetString(Bytes);
}
