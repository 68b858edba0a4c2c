using System.Text;

namespace VioActors.Daemon.Cli;

/// <summary>
/// Standard output or error of a process that must finish its work when its terminal is closed: what is written after
/// that is dropped, because nobody can read it. Every other failure, a full disk for example, stays one.
/// </summary>
internal sealed class TerminalWriter(TextWriter inner) : TextWriter
{
    /// <summary>EIO, what the kernel says of a terminal that is gone.</summary>
    internal const int TerminalGone = 5;

    /// <inheritdoc/>
    public override Encoding Encoding => inner.Encoding;

    /// <inheritdoc/>
    public override void Write(char value) => Try(() => inner.Write(value));

    /// <inheritdoc/>
    public override void Write(string? value) => Try(() => inner.Write(value));

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Try(() => inner.Write(buffer, index, count));

    /// <inheritdoc/>
    public override void WriteLine(string? value) => Try(() => inner.WriteLine(value));

    /// <inheritdoc/>
    public override void Flush() => Try(inner.Flush);

    private static void Try(Action write)
    {
        try
        {
            write();
        }
        catch (IOException failed) when (failed.HResult == TerminalGone)
        {
            // Dropped.
        }
    }
}
