using System.Globalization;
using System.Runtime.InteropServices;

namespace SlimtaFast.Storage.Disk.Files;

/// <summary>A system call on a file failed. <see cref="Exception.HResult"/> is the error number, as in the runtime's own exceptions.</summary>
internal sealed class DiskException : IOException
{
    /// <summary>Makes the exception of an error number.</summary>
    /// <param name="operation">What was tried, in words or by the name of the call.</param>
    /// <param name="path">On what.</param>
    /// <param name="error">The system's error number; see <see cref="DiskError"/>.</param>
    /// <param name="innerException">What the runtime threw, where the call was its own.</param>
    public DiskException(string operation, string path, int error, Exception? innerException = null)
        : base($"{operation} of {path} failed: {Describe(error)}", innerException)
    {
        Operation = operation;
        Path = path;
        Error = error;
        HResult = error;
    }

    /// <summary>What was tried.</summary>
    public string Operation { get; }

    /// <summary>On what.</summary>
    public string Path { get; }

    /// <summary>The system's error number.</summary>
    public int Error { get; }

    /// <summary>Whose fault it is, for the reply.</summary>
    public StorageFailure Failure => DiskError.IsFull(Error) ? StorageFailure.Full : StorageFailure.Unavailable;

    private static string Describe(int error) =>
        string.Create(CultureInfo.InvariantCulture, $"{Marshal.GetPInvokeErrorMessage(error)} (error {error})");
}
