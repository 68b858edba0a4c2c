using System.Text;
using VioActors.Daemon.Cli;

namespace VioActors.Daemon.Tests.Cli;

public sealed class TerminalWriterTests
{
    [Fact]
    public void What_a_closed_terminal_cannot_show_is_dropped()
    {
        using var writer = new TerminalWriter(new Failing(TerminalWriter.TerminalGone));
        writer.WriteLine("gone");
        writer.Write('x');
        writer.Flush();
    }

    [Fact]
    public void A_full_disk_stays_a_failure()
    {
        const int noSpace = 28;
        using var writer = new TerminalWriter(new Failing(noSpace));
        Assert.Throws<IOException>(() => writer.WriteLine("full"));
    }

    private sealed class Failing(int error) : TextWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value) => throw new IOException("cannot write", error);
    }
}
