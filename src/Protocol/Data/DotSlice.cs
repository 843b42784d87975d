namespace SlimtaFast.Protocol.Data;

/// <summary>What one step of <see cref="DotDecoder"/> made of its input.</summary>
/// <param name="Consumed">Octets of the input that are dealt with; the next step starts behind them.</param>
/// <param name="Start">Where in the input a piece of the content starts.</param>
/// <param name="Length">How long it is; may be 0.</param>
/// <param name="HeldCr">True where a CR belongs to the content in front of that piece: it was held back as a possible part of the end.</param>
/// <param name="Ended">True where the end of the data was consumed.</param>
internal readonly record struct DotSlice(int Consumed, int Start, int Length, bool HeldCr, bool Ended);
