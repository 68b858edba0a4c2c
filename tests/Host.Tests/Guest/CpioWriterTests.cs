using System.Diagnostics;
using System.Text;
using VioActors.Daemon.Guest;

namespace VioActors.Host.Tests.Guest;

public sealed class CpioWriterTests
{
    [Fact]
    public void Same_entries_give_same_bytes() => Assert.Equal(Archive(), Archive());

    [Fact]
    public void Headers_and_content_are_padded_to_four_bytes()
    {
        var bytes = Archive();
        Assert.Equal(0, bytes.Length % 4);
        Assert.Equal("070701", Encoding.ASCII.GetString(bytes, 0, 6));
        // 110 bytes of header, "etc" and its zero end at 114: the next header starts at 116.
        Assert.Equal("070701", Encoding.ASCII.GetString(bytes, 116, 6));
    }

    [Fact]
    public void Cpio_reads_it_back()
    {
        if (!File.Exists("/usr/bin/cpio") && !File.Exists("/bin/cpio"))
        {
            Assert.Skip("cpio is not installed");
        }

        var start = new ProcessStartInfo("cpio", ["-itv", "--quiet"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var cpio = Process.Start(start)!;
        cpio.StandardInput.BaseStream.Write(Archive());
        cpio.StandardInput.Close();
        var lines = cpio.StandardOutput.ReadToEnd().TrimEnd().Split('\n');
        cpio.WaitForExit();
        Assert.Equal(0, cpio.ExitCode);
        Assert.Equal(3, lines.Length);
        Assert.StartsWith("drwxr-xr-x", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("-rwxr-xr-x", lines[1], StringComparison.Ordinal);
        Assert.Contains(" 5 Jan  1  1970 etc/name", lines[2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/etc/passwd")]
    [InlineData("etc/../passwd")]
    [InlineData("etc//passwd")]
    public void A_name_that_is_no_plain_relative_path_is_refused(string name) =>
        Assert.Throws<ArgumentException>(() => new CpioWriter(Stream.Null).AddFile(name, []));

    [Fact]
    public void Nothing_can_follow_the_end()
    {
        var archive = new CpioWriter(Stream.Null);
        archive.Close();
        Assert.Throws<InvalidOperationException>(() => archive.AddDirectory("late"));
    }

    private static byte[] Archive()
    {
        using var stream = new MemoryStream();
        var archive = new CpioWriter(stream);
        archive.AddDirectory("etc");
        archive.AddFile("init", "#!/bin/sh\n"u8, executable: true);
        archive.AddFile("etc/name", "hello"u8);
        archive.Close();
        return stream.ToArray();
    }
}
