using System.Runtime.InteropServices;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>A kernel that does not take uncut frames.</summary>
public class RefusedFramesTests
{
    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    public void A_frame_that_is_refused_uncut_is_taken_in_segments(int version)
    {
        var kernel = new OldKernel();
        var sink = new RefusedFrames(kernel);
        byte[] superFrame = new TcpCase(version, false, 250, 100, 0x10).SuperFrame();
        Assert.True(sink.Write(superFrame));
        Assert.Equal(3, kernel.Taken.Count);
        Assert.Equal(1, sink.Cut);
        Assert.All(kernel.Taken, frame => Assert.Equal(0, frame[1]));
        int headers = superFrame.Length - 250;
        Assert.Equal(
            superFrame.AsSpan(headers).ToArray(), kernel.Taken.SelectMany(frame => frame.AsSpan(headers).ToArray()));
    }

    [Fact]
    public void What_cannot_be_cut_either_and_what_fails_otherwise_is_lost()
    {
        var kernel = new OldKernel();
        var sink = new RefusedFrames(kernel);
        byte[] nonsense = new TcpCase(4, false, 250, 100, 0x10).SuperFrame();
        nonsense[4] = nonsense[5] = 0;
        Assert.False(sink.Write(nonsense));
        kernel.Error = LibC.EIO;
        Assert.False(sink.Write(new TcpCase(4, false, 250, 100, 0x10).SuperFrame()));
        Assert.Empty(kernel.Taken);
        Assert.Equal(0, sink.Cut);
    }

    private sealed class OldKernel : IFrameSink
    {
        public List<byte[]> Taken { get; } = [];

        public int Error { get; set; } = LibC.EINVAL;

        public bool Write(ReadOnlySpan<byte> superFrame)
        {
            if (superFrame[1] != 0)
            {
                Marshal.SetLastPInvokeError(Error);
                return false;
            }

            Taken.Add(superFrame.ToArray());
            return true;
        }
    }
}
